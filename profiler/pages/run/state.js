// What the reader looks at, in the address's fragment: a link reopens the view.
//   #cpu=off&operator=2&frame=3.17&invert=1&graph=flame&thread=1&window=idle&hide=compute.app&inlined=0&search=loop
//   &request=3&time=120-450

function readState() {
  const given = new URLSearchParams(location.hash.slice(1));
  const whole = (name) => (/^\d+$/.test(given.get(name) ?? "") ? Number(given.get(name)) : -1);
  const time = /^(\d+)-(\d+)$/.exec(given.get("time") ?? "");
  return {
    side: ["off", "operators"].includes(given.get("cpu")) ? given.get("cpu") : "on",
    operator: whole("operator"),
    frame: (given.get("frame") ?? "").split(".").filter((part) => /^\d+$/.test(part)).map(Number),
    invert: given.get("invert") === "1",
    upwards: given.get("graph") === "flame",
    inlined: given.get("inlined") !== "0",
    thread: whole("thread"),
    window: ["request", "idle"].includes(given.get("window")) ? given.get("window") : "",
    hide: new Set((given.get("hide") ?? "").split(".").filter(Boolean)),
    search: given.get("search") ?? "",
    request: whole("request"),
    time: time && Number(time[2]) > Number(time[1]) ? [Number(time[1]), Number(time[2])] : null,
  };
}

// Write it a moment later, and once: browsers limit how often an address may change.
function writeState(state) {
  clearTimeout(writeState.waiting);
  writeState.waiting = setTimeout(() => writeStateNow(state), 100);
}

function writeStateNow(state) {
  const parts = new URLSearchParams();
  if (state.side !== "on") parts.set("cpu", state.side);
  if (state.operator >= 0) parts.set("operator", state.operator);
  if (state.frame.length) parts.set("frame", state.frame.join("."));
  if (state.invert) parts.set("invert", "1");
  if (state.upwards) parts.set("graph", "flame");
  if (!state.inlined) parts.set("inlined", "0");
  if (state.thread >= 0) parts.set("thread", state.thread);
  if (state.window) parts.set("window", state.window);
  if (state.hide.size) parts.set("hide", [...state.hide].join("."));
  if (state.search) parts.set("search", state.search);
  if (state.request >= 0) parts.set("request", state.request);
  else if (state.time) parts.set("time", state.time.map(Math.round).join("-"));
  const fragment = parts.toString();
  history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
}
