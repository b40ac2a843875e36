import { connect } from "node:net";
import { readField } from "./ssh-key.ts";

const REQUEST = Buffer.from([0, 0, 0, 1, 11]);
const ANSWER = 12;
const WAIT_MS = 2000;
const MAX_BYTES = 256 * 1024;

/**
 * The public keys that the ssh-agent at a socket holds (draft-miller-ssh-agent, REQUEST_IDENTITIES). Empty where
 * none answers: we never sign through it, we only look whether it could sign without asking.
 */
export async function listAgentKeys(socket: string): Promise<Buffer[]> {
  const answer = await request(socket);
  if (answer === null || answer.length < 5 || answer[0] !== ANSWER) return [];
  const keys: Buffer[] = [];
  for (let at = 5, left = answer.readUInt32BE(1); left > 0; left -= 1) {
    const key = readField(answer, at);
    const comment = key === null ? null : readField(answer, at + 4 + key.length);
    if (key === null || comment === null) break;
    keys.push(key);
    at += 8 + key.length + comment.length;
  }
  return keys;
}

async function request(path: string): Promise<Buffer | null> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    let bytes = Buffer.alloc(0);
    const settle = (answer: Buffer | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(WAIT_MS, () => settle(null));
    socket.on("error", () => settle(null));
    socket.on("close", () => settle(null));
    socket.on("connect", () => socket.write(REQUEST));
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const message = readField(bytes, 0);
      if (message !== null) settle(message);
      else if (bytes.length > MAX_BYTES) settle(null);
    });
  });
}
