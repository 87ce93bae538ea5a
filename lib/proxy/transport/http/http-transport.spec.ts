import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backend } from '../../../config/schema/backend.schema.js';
import { httpTransport } from './http-transport.js';

function transportUnder(adapter: typeof axios.defaults.adapter) {
  const usual = axios.defaults.adapter;
  onTestFinished(() => {
    axios.defaults.adapter = usual;
  });
  axios.defaults.adapter = adapter;
  const config = backend.parse({ hosts: ['http://catalog'] });
  return httpTransport(config, () => {});
}

describe("Node's client", () => {
  it.each([
    ["axios' own choice", axios.defaults.adapter],
    ['its name', 'http'],
  ])('has an adapter of its own where the default is %s', (_, adapter) => {
    expect(transportUnder(adapter).defaults.adapter).toBeTypeOf('function');
  });

  it.each([
    ['a function', async () => ({}) as never],
    ['another name', 'fetch'],
    ['a name that axios does not know', 'pigeon'],
  ])('leaves the default of the application where it is %s', (_, adapter) => {
    expect(transportUnder(adapter).defaults.adapter).toBeUndefined();
  });
});
