// Asking the server. What it refuses arrives as one line for a person.
import { setClock } from './money.js';

export class Refused extends Error {
  constructor({ status, type, detail, title }) {
    super(detail || title || `The server answered ${status}.`);
    Object.assign(this, { status, type });
  }
}

async function request(path, options) {
  const response = await fetch(path, options);
  setClock(response.headers.get('date'));
  if (response.ok) return response;
  const told = response.headers.get('content-type')?.includes('json') ? await response.json() : {};
  throw new Refused({ ...told, status: response.status });
}
export const get = (path, signal) => request(path, { signal });
export const read = async (path, signal) => (await get(path, signal)).json();
const JSON_BODY = { method: 'POST', headers: { 'content-type': 'application/json' } };
export const post = (path, body = {}, signal = undefined) => request(path, { ...JSON_BODY, body: JSON.stringify(body), signal });
export const newId = (prefix) =>
  `${prefix}_${Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => (byte % 32).toString(32)).join('')}`;
