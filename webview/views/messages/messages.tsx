import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { EngineError, ProblemView } from '../../../src/common/engineContract';
import type { PanelState } from '../../../src/protocol/contract';
import { Button, Icon, IconButton, ProgressRing } from '../../controls';
import type { Navigation } from '../../navigation';
import { RichText } from '../../richText';
import { text } from '../../shellStrings';
import { useStore } from '../../store';
import type { Store } from '../../store';

/** No script: what to do, and the two ways to begin. */
export function Welcome({ store }: { store: Store }) {
  return (
    <main class="welcome">
      <h1>{text('welcomeTitle')}</h1>
      <p>
        <RichText text={text('welcomeText')} />
      </p>
      <div class="welcome-actions">
        <Button appearance="primary" onClick={() => store.act('command', { name: 'stepThrough' })}>
          {text('stepThrough')}
        </Button>
        <Button onClick={() => store.act('command', { name: 'openExample' })}>{text('openExample')}</Button>
      </div>
      <p class="dim">
        <RichText text={text('welcomeKeys')} />
      </p>
    </main>
  );
}

export function Messages({ store, state, navigation }: { store: Store; state: PanelState; navigation: Navigation }) {
  const failure = useStore(store, (known) => known.failure);
  const error = state.error ?? state.snapshot?.error ?? null;
  const { engineStatus, problems, death } = state;
  return (
    <div class="messages">
      {engineStatus === 'died' && (
        <Message title={text('diedTitle')} detail={death}>
          <p>{text('diedText')}</p>
          <div class="message-actions">
            <Button appearance="primary" onClick={() => store.act('command', { name: 'recover' })}>
              {text('recover')}
            </Button>
            <Button onClick={() => store.act('command', { name: 'showEngineLog' })}>{text('showLog')}</Button>
          </div>
        </Message>
      )}
      {state.scriptChanged && (
        <div class="message calm" role="status">
          <Icon name="edit" />
          <p>{text('scriptChanged')}</p>
          <Button icon="restart" onClick={() => navigation.restart()}>
            {text('restart')}
          </Button>
        </div>
      )}
      {engineStatus === 'recovering' && (
        <div class="message calm" role="status">
          <ProgressRing label={text('recovering')} />
          <p>{text('recovering')}</p>
        </div>
      )}
      {problems.length > 0 && <Problems store={store} problems={problems} navigation={navigation} />}
      {error !== null && problems.length === 0 && engineStatus !== 'died' && (
        <ScriptError store={store} error={error} />
      )}
      {failure !== null && failure.message !== error?.message && (
        <Message title={failure.message} hint={failure.hint} onClose={() => store.dismissFailure()} />
      )}
    </div>
  );
}

interface MessageProps {
  title: string;
  detail?: string | null;
  hint?: string | null;
  onClose?: () => void;
  children?: ComponentChildren;
}

/** It stands below the header, at the top of a panel that may have been scrolled: it comes into sight. */
function Message({ title, detail, hint, onClose, children }: MessageProps) {
  useEffect(() => window.scrollTo({ top: 0 }), []);
  return (
    <div class="message" role="alert">
      <Icon name="error" className="error-icon" />
      <div class="message-body">
        <h2>{title}</h2>
        {detail && <pre>{detail}</pre>}
        {children}
        {hint && (
          <p class="hint">
            <Icon name="lightbulb" /> {hint}
          </p>
        )}
      </div>
      {onClose && <IconButton icon="close" label={text('dismiss')} onClick={onClose} />}
    </div>
  );
}

interface ProblemsProps {
  store: Store;
  problems: readonly ProblemView[];
  navigation: Navigation;
}

function Problems({ store, problems, navigation }: ProblemsProps) {
  return (
    <Message title={text('problemsTitle')}>
      <p>{text('problemsText')}</p>
      <ul class="problems">
        {problems.map(({ line, column, message, hint }) => (
          <li key={`${line}:${column}:${message}`}>
            <LineLink store={store} line={line} />
            <span>
              {message}
              {hint && <span class="dim"> {hintText(hint)}</span>}
            </span>
          </li>
        ))}
      </ul>
      <div class="message-actions">
        <Button appearance="primary" icon="restart" onClick={() => navigation.restart()}>
          {text('restart')}
        </Button>
      </div>
    </Message>
  );
}

/** What the preflight suggests is a bare name, as in VS Code's list of problems; a syntax error's hint is a sentence. */
export function hintText(hint: string): string {
  return /^[\w.]+$/.test(hint) ? text('didYouMean', hint) : hint;
}

function ScriptError({ store, error }: { store: Store; error: EngineError }) {
  const { message, hint, line, traceback, code, audience } = error;
  return (
    <Message title={audience === 'user' ? text('failedTitle') : message} hint={hint}>
      {audience === 'user' && <pre>{message}</pre>}
      {traceback.length > 0 ? (
        <ul class="problems">
          {traceback.map((frame, index) => (
            <li key={index}>
              <LineLink store={store} line={frame.line} />
              <code>{frame.functionName}</code>
            </li>
          ))}
        </ul>
      ) : (
        line !== null && <LineLink store={store} line={line} />
      )}
      <div class="message-actions">
        {code.startsWith('data.') && (
          <Button onClick={() => store.act('command', { name: 'chooseDataFolder' })}>{text('chooseData')}</Button>
        )}
        {audience === 'maintainer' && (
          <Button onClick={() => store.act('command', { name: 'showEngineLog' })}>{text('showLog')}</Button>
        )}
      </div>
    </Message>
  );
}

function LineLink({ store, line }: { store: Store; line: number }) {
  return (
    <button class="link" title={text('revealLine', line)} onClick={() => store.act('revealLine', { line })}>
      {text('line', line)}
    </button>
  );
}
