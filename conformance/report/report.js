"use strict";
const form = document.getElementById("filter");
if (form) {
  const findings = [...document.querySelectorAll(".finding")];
  const words = new Map(findings.map((one) => [one, one.textContent.toLowerCase()]));
  const groups = [...document.querySelectorAll(".group"), ...document.querySelectorAll("main > section")];
  const details = () => [...document.querySelectorAll("details")];
  const shown = document.getElementById("shown");
  const openAll = document.getElementById("all");

  const show = () => {
    const asked = new FormData(form);
    const outcomes = new Set(asked.getAll("outcome"));
    const wanted = asked.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const one of findings) {
      const { outcome, level, area } = one.dataset;
      one.hidden = !(outcomes.has(outcome)
        && (!asked.get("level") || asked.get("level") === level)
        && (!asked.get("area") || asked.get("area") === area)
        && wanted.every((word) => words.get(one).includes(word)));
      number += !one.hidden;
    }
    for (const group of groups) {
      const inside = [...group.querySelectorAll(".finding")];
      group.hidden = inside.length > 0 && inside.every((one) => one.hidden);
      if (wanted.length && !group.hidden && group.open === false) group.open = true;
    }
    shown.textContent = `${number} of ${findings.length}`;
  };

  const visit = () => {
    const one = document.getElementById(location.hash.slice(1));
    if (!one || !one.classList.contains("finding")) return;
    if (one.hidden) {
      form.reset();
      show();
    }
    one.open = true;
    const group = one.closest(".group");
    if (group) group.open = true;
    one.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  openAll.addEventListener("click", () => {
    const open = openAll.textContent === "open all";
    for (const one of details()) if (!one.hidden) one.open = open;
    openAll.textContent = open ? "close all" : "open all";
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = details().filter((one) => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
  addEventListener("hashchange", visit);
  show();
  visit();
}
