// Asks the service for an explanation. A new question overtakes the one under way.

const PATIENCE = 60_000; // milliseconds

/** An answer that can't be had; the message is a sentence for people. */
export class Refusal extends Error {}

/** The service wants an API key, or another one than it was given. */
export class KeyWanted extends Refusal {}

let underWay = null;
let key = ""; // in memory alone: nothing that reads the disk or another tab finds it

/** Sends `given` as the API key from now on. */
export function useKey(given) {
  key = given;
}

/**
 * Returns the explanation of `text`, or null where a later call overtook this one. Throws a Refusal with the service's
 * own sentence where it refuses, and with one of ours where it can't be reached.
 */
export async function explain(text) {
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    mine.abort();
  }, PATIENCE);
  try {
    const response = await fetch("explain", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ text }),
      signal: mine.signal,
    });
    const answer = await response.json().catch((error) => {
      if (response.ok || !(error instanceof SyntaxError)) throw error;
      return null; // something before the service answered, in words of its own
    });
    if (response.status === 401) {
      throw new KeyWanted(key ? "The service does not know this API key." : "This service answers those who have an API key.");
    }
    if (!response.ok) throw new Refusal(answer?.detail ?? `The service answered ${response.status}. Try again later.`);
    return mine === underWay ? answer : null;
  } catch (error) {
    if (mine !== underWay) return null;
    if (error instanceof Refusal) throw error;
    if (late) throw new Refusal(`No answer came for ${PATIENCE / 1000} seconds. Try again, or try a shorter text.`);
    if (error instanceof SyntaxError) throw new Refusal("The answer was not what this page expects. Load the page again.");
    throw new Refusal("The service can't be reached. Check that it runs, then try again.");
  } finally {
    clearTimeout(timer);
    if (mine === underWay) underWay = null;
  }
}
