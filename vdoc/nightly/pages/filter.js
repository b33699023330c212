// Hides the rows of the search page that lack a word. Without it the page is a list of all rows.
"use strict";
const words = document.getElementById("words");
const rows = [...document.querySelectorAll("table.found tbody tr")];
const texts = rows.map((row) => row.textContent.toLowerCase());
function filter() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, n) => {
    row.hidden = !wanted.every((word) => texts[n].includes(word));
    shown += !row.hidden;
  });
  document.getElementById("count").textContent = `${shown} of ${rows.length}`;
}
words.addEventListener("input", filter);
document.getElementById("filter").hidden = false;
filter();
