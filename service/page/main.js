// Wires the form to the service and the answer to the page.

import { clearAnswer, showAnswer } from "./answer.js";
import { percent } from "./numbers.js";
import { KeyWanted, Refusal, explain, useKey } from "./request.js";

const SLOW = 250; // milliseconds after which a wait is shown

const form = document.getElementById("form");
const review = document.getElementById("review");
const status = document.getElementById("status");
const progress = document.getElementById("progress");
const refusal = document.getElementById("refusal");
const keyForm = document.getElementById("key-form");
const key = document.getElementById("key");
const result = document.getElementById("result");
let waiting = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});

review.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

for (const example of form.querySelectorAll(".examples button")) {
  example.addEventListener("click", () => {
    review.value = example.textContent;
    ask();
  });
}

keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(key.value.trim());
  ask();
});

async function ask() {
  const text = review.value;
  wait();
  try {
    const answer = await explain(text);
    if (answer === null) return; // a later question is under way, and waits in its own right
    done();
    showAnswer(result, text, answer);
    status.className = "unseen"; // the verdict stands below for those who see
    status.textContent = `Verdict: ${answer.prediction.label}, ${percent(answer.prediction.score)}.`;
    bringIntoView();
  } catch (error) {
    done();
    refusal.textContent = error instanceof Refusal ? error.message : "The page could not show the answer. Load it again.";
    refusal.hidden = false;
    clearAnswer(result);
    if (error instanceof KeyWanted) askForKey();
    if (!(error instanceof Refusal)) throw error;
  }
}

function askForKey() {
  keyForm.hidden = false;
  document.getElementById("manifest").hidden = true; // a link sends no key
  key.select();
}

function wait() {
  clearTimeout(waiting);
  refusal.hidden = true;
  keyForm.hidden = true;
  result.setAttribute("aria-busy", "true");
  waiting = setTimeout(() => {
    status.className = "";
    status.textContent = "Reading …";
    progress.hidden = false;
  }, SLOW);
}

function done() {
  clearTimeout(waiting);
  status.textContent = "";
  progress.hidden = true;
  result.setAttribute("aria-busy", "false");
}

/** On a phone the answer stands below what is visible. */
function bringIntoView() {
  const { top } = result.getBoundingClientRect();
  if (top < window.innerHeight * 0.6) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  result.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}
