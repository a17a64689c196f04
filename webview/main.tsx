import { startPanel } from './panel';
import { connectToVscode } from './vscodeApi';

startPanel(connectToVscode());
