import type { PanelMessage, PanelRequest } from '../src/protocol/contract';
import { fromWire, toWire } from '../src/protocol/wire';

/** The way to the extension host and the webview's own memory; the stand-alone harness has another one. */
export interface HostApi {
  post(message: PanelRequest): void;
  /** Calls back for each message of the host. */
  listen(listener: (message: PanelMessage) => void): void;
  loadUi(): unknown;
  saveUi(ui: unknown): void;
}

interface VscodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VscodeApi;

/** May be called once in the life of a webview. */
export function connectToVscode(): HostApi {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(toWire(message)),
    listen: (listener) => {
      window.addEventListener('message', ({ data }) => listener(fromWire(data) as PanelMessage));
    },
    loadUi: () => {
      const state = api.getState();
      return typeof state === 'object' && state !== null && 'ui' in state ? state.ui : null;
    },
    // The host keeps its own part of the state under other keys, to restore the panel after a reload.
    saveUi: (ui) => {
      const state = api.getState();
      api.setState({ ...(typeof state === 'object' ? state : null), ui });
    },
  };
}
