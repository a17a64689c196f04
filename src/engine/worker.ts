import { workerData, type MessagePort } from 'node:worker_threads';
import { Channel } from './channel';
import { createProgram } from './program';
import { Session } from './session';

const { port, shared } = workerData as { port: MessagePort; shared: Int32Array };

new Session(new Channel(port, shared), createProgram).serveForever();
