// Asking the server. What it refuses arrives as one line for a person, with its status.
import { setClock } from './money.js';
async function request(path, options) {
  const response = await fetch(path, options);
  setClock(response.headers.get('date'));
  if (response.ok) return response;
  const { status, headers } = response;
  const { detail, title } = headers.get('content-type')?.includes('json') ? await response.json() : {};
  throw Object.assign(new Error(detail || title || `The server answered ${status}.`), { status });
}
export const get = (path, signal) => request(path, { signal });
export const read = async (path, signal) => (await get(path, signal)).json();
export const post = (path, body = {}, signal = undefined) => request(path,
  { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
export const upload = async (path, file) => (await request(path, { method: 'POST', body: file })).json();
export const remove = (path) => request(path, { method: 'DELETE' });
export const reasonOf = (error) => (error.status ? error.message : 'The server cannot be reached.');
const letter = (byte) => (byte % 32).toString(32);
export const newId = (prefix) =>
  `${prefix}_${Array.from(crypto.getRandomValues(new Uint8Array(20)), letter).join('')}`;
