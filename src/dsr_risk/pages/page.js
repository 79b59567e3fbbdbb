// The page: the state is kept in its address, written after the page is drawn.
let waiting = null, timer = 0;
const report = view(document, JSON.parse(document.getElementById("data").textContent), {
  read: () => (waiting === null ? location.hash.slice(1) : waiting),
  keep: (link) => {
    waiting = link;
    clearTimeout(timer);
    timer = setTimeout(() => { history.replaceState(null, "", "#" + link); waiting = null; });
  },
});
window.addEventListener("hashchange", report.start);
