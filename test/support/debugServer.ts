/** A debug adapter on stdin and stdout, as other IDEs start one. */
import { GradstepDebugSession } from '../../src/debug/session/gradstepDebugSession';
import { PlainSurroundings } from './debugSurroundings';

const session = new GradstepDebugSession(new PlainSurroundings());
process.on('SIGTERM', () => session.shutdown());
session.start(process.stdin, process.stdout);
