// A call tracker's own script, in forty lines: it shows every visitor a number of their own, and keeps with that number
// what the A/B platforms know of the visitor. When the number rings, the server has the token; `aftercall sync` does the rest.
import { capture, stash } from "aftercall";

/**
 * @param {string} server The call tracker's address: it answers `{ session, number }` and keeps the token of a session.
 * @param {() => boolean} mayRead What the site's consent tool says now.
 */
export function startCallTracking(server, mayRead) {
  let session;
  let told;

  async function tell() {
    if (!mayRead()) return;
    // Never throws, whatever the page holds; "" where no platform knows the visitor.
    const token = stash(capture());
    if (token === told) return;
    told = token;
    try {
      const body = JSON.stringify({ session, token });
      // As plain text: so the browser need not ask the server for leave first.
      const response = await fetch(server, { method: "POST", headers: { "Content-Type": "text/plain" }, body });
      const answer = await response.json();
      session = answer.session;
      for (const link of document.querySelectorAll("a[data-call]")) {
        link.href = `tel:${answer.number}`;
        link.textContent = answer.number;
      }
    } catch {
      told = undefined; // the next time
    }
  }

  // Platforms decide late, and go on deciding: look again for a while, and whenever the visitor comes or goes.
  for (const seconds of [0, 1, 3, 10]) setTimeout(tell, seconds * 1000);
  addEventListener("pageshow", tell);
  document.addEventListener("visibilitychange", tell);
}
