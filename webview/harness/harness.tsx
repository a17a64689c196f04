import './themes.css';
import { startPanel } from '../panel';
import { initialUi } from '../uiState';
import { createFakeHost } from './fakeHost';

const bodyClasses: Record<string, string> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light',
};

/** `index.html?theme=dark&scenario=backward&parameter=model.0.weight&view=image` */
const query = new URLSearchParams(location.search);
const theme = query.get('theme') ?? 'dark';
document.documentElement.dataset.theme = theme;
document.body.className = bodyClasses[theme] ?? 'vscode-dark';
startPanel(
  createFakeHost(query.get('scenario') ?? 'backward', {
    ...initialUi,
    parameter: query.get('parameter'),
    tensorView: query.get('view') ?? 'image',
  }),
);
