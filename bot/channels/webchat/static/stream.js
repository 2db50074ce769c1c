// Reads the live stream of a chat: server-sent events over fetch, because EventSource cannot send
// the token in a header and would need it in the address.

const PAUSES = [500, 1000, 2000, 5000, 10000, 15000];

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function parse(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    if (line.startsWith("data: ")) event.data += line.slice(6);
  }
  return event.data ? event : null;
}

async function read(response, handle) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const event of blocks.map(parse)) if (event) handle(event.name, JSON.parse(event.data));
  }
}

// Follows a chat until `signal` is aborted or the chat is over; connects again with growing pauses.
// `address()` is asked anew each time, because what was seen last is part of it.
export async function follow({ address, token, signal, handle, connected }) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await fetch(address(), { headers: { Authorization: `Bearer ${token}` }, cache: "no-store", signal });
      if (response.status === 401) return handle("expired", {});
      if (response.ok) {
        failures = 0;
        connected(true);
        await read(response, handle);
      } else {
        failures += 1;
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      failures += 1;
      connected(false);
    }
    await wait(PAUSES[Math.min(failures, PAUSES.length - 1)]);
  }
  return undefined;
}
