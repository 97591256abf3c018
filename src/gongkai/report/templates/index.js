
// Search, choose and sort the rows of the list; all text comes from the page and goes back as it was.
(() => {
  "use strict";
  const FIRST = 200;
  const find = (selector) => document.querySelector(selector);
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const body = find(".index tbody"), tools = find(".tools"), search = find(".tools input"), chosen = find(".tools select"), more = find(".more");
  const heads = [...document.querySelectorAll(".index thead th")];
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const counted = (n) => heads[n].className === "n";
  const key = (cell, n) => {
    const told = cell.dataset.key ?? cell.textContent;
    return told === "" ? null : counted(n) ? Number(told) : told;
  };
  const rows = [...body.rows].map((row) => ({ row, text: fold(row.textContent), keys: [...row.cells].map(key) }));
  let column = -1, turn = 1, most = FIRST;

  // What has no value comes last, whichever way the others go.
  const order = (one, other) => {
    const [a, b] = [one.keys[column], other.keys[column]];
    if (a === null || b === null) return (a === null) - (b === null);
    return turn * (counted(column) ? a - b : compare(a, b));
  };
  const draw = () => {
    const words = fold(search.value).split(/\s+/);
    const wanted = ({ row, text }) => words.every((word) => text.includes(word)) && (!chosen?.value || row.classList.contains(chosen.value));
    const found = rows.filter(wanted);
    if (column >= 0) found.sort(order);
    body.replaceChildren(...found.slice(0, most).map(({ row }) => row));
    find(".tools output").textContent = `${found.length} / ${rows.length}`;
    more.hidden = found.length <= most;
  };
  const sort = (n) => {
    turn = column === n ? -turn : counted(n) ? -1 : 1;
    column = n;
    heads.forEach((head, k) => (k === n ? head.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort")));
    draw();
  };
  const again = () => { most = FIRST; draw(); };

  heads.forEach((head, n) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(n));
    head.append(button);
  });
  search.addEventListener("input", again);
  chosen?.addEventListener("change", again);
  const all = () => { most = Infinity; draw(); };
  more.addEventListener("click", all);
  addEventListener("beforeprint", all);
  tools.hidden = false;
  draw();
})();
