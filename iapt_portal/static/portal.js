// What an attribute asks for; without JavaScript forms are plain forms, and a drawing begins at its left.
//   data-once      a second press sends nothing
//   data-upload    the file is sent in sight: how far it is, and a refusal without losing the file;
//                  data-travelling and data-arrived are the words where that is no sending
//   data-today     a drawing that is wider than the page is shown where this mark is
//   data-session   shortly before the session ends the page says so; at its end it goes to sign in

const MEGABYTE = 1_000_000;
const sent = new WeakSet();
let sending = 0;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (sent.has(form)) {
    event.preventDefault();
  } else if (form.matches("[data-upload]")) {
    event.preventDefault();
    send(form, event.submitter);
  } else if (form.matches("[data-stay]")) {
    event.preventDefault();
    stayIn(form).then(watch);
  } else if (form.matches("[data-once]")) {
    hold(form, true);
  }
});

// The browser's "back" shows the page as it was left, with its form still held.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach((form) => hold(form, false));
});

document.querySelectorAll("[data-today]").forEach((mark) => {
  const box = mark.closest(".nhsuk-scroll__content");
  const gap = mark.getBoundingClientRect().left - box.getBoundingClientRect().left;
  box.scrollLeft = Math.max(0, gap - box.clientWidth / 2);
});

// A passkey that was not used: the sign-in library tells the page.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-failed]").forEach((words) => { words.hidden = false; });
});

const WARNED_SECONDS = 120;
const session = document.querySelector("[data-session]");
let waiting;
if (session) later(session.dataset.seconds - WARNED_SECONDS);

// One timer at a time: two would both go to sign in, and one would stop the other on its way.
function later(seconds) {
  clearTimeout(waiting);
  waiting = setTimeout(watch, Math.max(1, seconds) * 1000);
}

// Another tab may have been used meanwhile: the server knows. A file on its way keeps one in.
async function watch() {
  if (sending) await stayIn(session.querySelector("form"));
  try {
    const answer = await fetch(session.dataset.session, { redirect: "manual" });
    if (!answer.ok) return location.assign(location.href);
    const { left, may_stay } = await answer.json();
    session.hidden = left > WARNED_SECONDS;
    if (session.hidden) return later(left - WARNED_SECONDS);
    session.querySelector("[data-session-words]").textContent = `You will be signed out in ${minutes(left)}${
      may_stay ? ", because nothing is being done." : ": it is long since you signed in. Finish what you are doing, then sign in again."}`;
    session.querySelector("button").hidden = !may_stay;
    later(Math.min(left + 1, 20));
  } catch {
    later(20); // no connection
  }
}

function stayIn(form) {
  return fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => {});
}

function hold(form, held) {
  if (held) sent.add(form);
  else sent.delete(form);
  // Not `disabled`: the pressed button's own name and value must still be sent.
  form.querySelectorAll("button[type=submit]").forEach((button) => {
    if (held) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  });
}

async function send(form, submitter) {
  const input = form.querySelector("input[type=file]");
  const limit = Number(form.dataset.maxBytes);
  const file = input.files[0];
  // The server says all that is missing, and not the file alone.
  if (!file) return form.submit();
  if (limit && file.size > limit) {
    return refuse(form, `The file is ${megabytes(file.size)} MB. The most that can be sent is ${megabytes(limit)} MB`);
  }
  hold(form, true);
  const hindrance = await lookAgain(form);
  if (hindrance) return refuse(form, hindrance);
  clear(form);
  const request = new XMLHttpRequest();
  const progress = show(form, request);
  request.upload.onprogress = (event) => progress(event.loaded, event.total);
  request.onload = () => answer(form, request);
  request.onerror = () => refuse(form, "The connection was lost before the file had arrived. Look at what you have sent, then try again");
  request.onabort = () => refuse(form, "You stopped sending. The file was not received");
  request.onloadend = () => {
    sending -= 1;
    window.removeEventListener("beforeunload", stay);
  };
  sending += 1;
  window.addEventListener("beforeunload", stay);
  request.open("POST", form.action);
  // By this the view knows that X-Continue-At is enough; a redirect would be followed twice.
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.send(new FormData(form, submitter));
}

// A session may end or the window close while the page is open. Better to learn it before 200 MB
// have travelled; the fresh page also brings the token that belongs to the session of now.
async function lookAgain(form) {
  try {
    const fresh = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!fresh.ok) return ""; // the portal is ill: sending will say so itself
    const page = parse(await fresh.text());
    const token = page.querySelector("form[data-upload] [name=csrfmiddlewaretoken]");
    if (token) {
      form.elements.csrfmiddlewaretoken.value = token.value;
      return "";
    }
    const now = page.querySelector("[data-window]");
    if (!now) return "You have been signed out. Sign in again in another tab, then come back here and press the button again";
    document.querySelector("[data-window]")?.replaceWith(document.importNode(now, true));
    return [...now.querySelectorAll("p")].map((words) => words.textContent.trim()).join(" ");
  } catch {
    return ""; // no connection: sending will say so itself
  }
}

function answer(form, request) {
  const elsewhere = request.getResponseHeader("X-Continue-At");
  if (elsewhere) return leave(elsewhere);
  const moved = request.responseURL.split("#")[0] !== form.action.split("#")[0];
  if (request.status < 400 && moved) return leave(request.responseURL);
  const page = parse(request.responseText);
  const summary = page.querySelector(".nhsuk-error-summary");
  if (!summary) return refuse(form, page.querySelector("main .nhsuk-body-l")?.textContent.trim() ?? sorry(request.status));
  clear(form);
  adopt(form, page);
  place(form, document.importNode(summary, true));
}

function leave(address) {
  window.removeEventListener("beforeunload", stay);
  location.assign(address);
}

function sorry(status) {
  if (status === 413) return "The file is larger than the portal can take";
  return "The portal could not take the file. Nothing was received. Try again in a few minutes";
}

// The refused form's hidden fields (a new key against double sending) and the words beside its fields.
function adopt(form, page) {
  page.querySelectorAll("form[data-upload] input[type=hidden]").forEach((fresh) => {
    if (form.elements[fresh.name]) form.elements[fresh.name].value = fresh.value;
  });
  page.querySelectorAll("[data-field]").forEach((fresh) => {
    const field = form.querySelector(`[data-field="${CSS.escape(fresh.dataset.field)}"]`);
    const words = fresh.querySelector(".nhsuk-error-message");
    if (!field || !words) return;
    field.classList.add("nhsuk-form-group--error");
    (field.querySelector("[id$=_helptext]") ?? field.querySelector("label, legend")).after(document.importNode(words, true));
  });
}

function refuse(form, words) {
  clear(form);
  const summary = document.getElementById("portal-refusal").content.cloneNode(true).firstElementChild;
  const link = summary.querySelector("a");
  link.textContent = words;
  const input = form.querySelector("input[type=file]");
  link.href = `#${(input.closest("[data-field]")?.querySelector("button[id]") ?? input).id}`;
  place(form, summary);
}

function clear(form) {
  document.querySelectorAll("main .nhsuk-error-summary").forEach((old) => old.remove());
  form.querySelectorAll(".nhsuk-error-message").forEach((old) => old.remove());
  form.querySelectorAll("[data-field]").forEach((field) => field.classList.remove("nhsuk-form-group--error"));
}

function place(form, summary) {
  hold(form, false);
  form.querySelector("[data-progress]").hidden = true;
  document.getElementById("maincontent").prepend(summary);
  summary.tabIndex = -1;
  summary.focus();
  if (!document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;
}

function show(form, request) {
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-progress-words]");
  let said = -1;
  box.querySelector("[data-progress-stop]").onclick = () => request.abort();
  box.hidden = false;
  return (loaded, total) => {
    const percent = total ? Math.floor((loaded / total) * 100) : 0;
    bar.value = percent;
    if (Math.floor(percent / 10) === said) return; // every tenth is said, not every byte
    said = Math.floor(percent / 10);
    words.textContent = percent < 100
      ? `${form.dataset.travelling ?? "Sending"}: ${percent}% of ${megabytes(total)} MB. Keep this page open`
      : form.dataset.arrived ?? "The whole file has been sent. Waiting for the receipt";
  };
}

const stay = (event) => event.preventDefault();
const minutes = (seconds) => (seconds > 90 ? "two minutes" : seconds > 30 ? "a minute" : "a few seconds");
const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const megabytes = (bytes) => Math.max(0.1, bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0);
