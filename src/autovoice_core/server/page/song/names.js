// The names of the songs that were sent from here. The server does not keep them.

const KEY = "autovoice-names";
const MOST = 200;

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export function rememberUpload(id, name) {
  const names = Object.entries({ ...stored(), [id]: name }).slice(-MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(names)));
  } catch {
    // A browser that keeps nothing shows songs without names later.
  }
}

/** Return the name of an upload's file, or undefined. */
export function nameOfUpload(id) {
  return stored()[id];
}
