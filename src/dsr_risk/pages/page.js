// The page: the state is kept in its address.
const report = view(document, JSON.parse(document.getElementById("data").textContent), {
  read: () => location.hash.slice(1),
  keep: (link) => history.replaceState(null, "", "#" + link),
});
window.addEventListener("hashchange", report.start);
