// A corrected row of a file has no field any more: the cursor goes to the next row that has one.
const list = document.querySelector("[data-mend]");

function fresh() {
  const rows = [...(list?.querySelectorAll("li.is-mended:not([data-mend-seen])") ?? [])];
  for (const row of rows) row.dataset.mendSeen = "";
  return rows;
}

document.addEventListener("htmx:after:swap", () => {
  let next = fresh().pop()?.nextElementSibling;
  if (document.activeElement && document.activeElement !== document.body) return;
  while (next && !next.querySelector("input.inp")) next = next.nextElementSibling;
  next?.querySelector("input.inp").focus();
});

fresh(); // those that were corrected before
