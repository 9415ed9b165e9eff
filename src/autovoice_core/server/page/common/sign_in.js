// The door: where the server wants a token, it is asked for once and kept in a strict cookie. The
// link that the server prints carries it behind "#token=", which browsers send to nobody.

import { access, request } from "./api.js";
import { element, show } from "./dom.js";

const LINK = "#token=";

/** Ask for the token if it is needed; then call `ready()`. */
export async function signIn(ready) {
  const dialog = element("sign-in");
  const ask = () => {
    if (!dialog.open) dialog.showModal();
  };
  const enter = async (token) => {
    await request("POST", "/v1/session", { json: { token } });
    show("sign-in-message", "");
    dialog.close();
    await ready();
  };
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  access.denied = ask;
  element("sign-in-form").onsubmit = async (event) => {
    event.preventDefault();
    const token = element("token").value;
    element("token").value = "";
    try {
      await enter(token);
    } catch (error) {
      show("sign-in-message", error.message, "error");
    }
  };
  const linked = tokenOfLink();
  const session = await request("GET", "/v1/session");
  if (!session.needs_token || session.signed_in) await ready();
  else if (linked) await enter(linked).catch(ask);
  else ask();
}

/** Return the token of the link that led here, and take it out of the address. */
function tokenOfLink() {
  if (!location.hash.startsWith(LINK)) return null;
  const token = decodeURIComponent(location.hash.slice(LINK.length));
  history.replaceState(null, "", location.pathname);
  return token;
}
