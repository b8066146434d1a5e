// The token that the server wants with each change, and how to get a new one after signing in
// again in another tab.

import { $, data } from "./dom.js";

let token = $("[name=csrfmiddlewaretoken]")?.value ?? "";

export const currentToken = () => token;

/** Whether an answer says that nobody is signed in, or somebody with another token. */
export const isOut = (answer) => answer.type === "opaqueredirect" || answer.status === 403;

/** Ask for this page again; true when the same person is signed in. */
export async function renew() {
  try {
    const answer = await fetch(location.pathname, { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const { user } = JSON.parse(page.getElementById("editor-data").textContent);
    if (user !== data.user) return false;
    token = page.querySelector("[name=csrfmiddlewaretoken]").value;
  } catch {
    return false;
  }
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  return true;
}
