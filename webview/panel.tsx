import './styles/main.css';
import { render } from 'preact';
import { registerControls } from './controls';
import { listenToKeys } from './keyboard';
import { useMedia } from './media';
import { Navigation } from './navigation';
import { Store, useStore } from './store';
import { ChecksView } from './views/checks/checksView';
import { Header } from './views/header/header';
import { LayersView } from './views/layers/layersView';
import { LearningRateView } from './views/learningRate/learningRateView';
import { LossView } from './views/loss/lossView';
import { Messages, Welcome } from './views/messages/messages';
import { OutputView, SessionView } from './views/output/outputView';
import { ParameterPage } from './views/parameterPage/parameterPage';
import { ParametersView } from './views/parameters/parametersView';
import type { HostApi } from './vscodeApi';

function Panel({ store, navigation }: { store: Store; navigation: Navigation }) {
  const state = useStore(store, (known) => known.state);
  const narrow = useMedia('(max-width: 699px)');
  const page = useStore(store, ({ ui }) => ui.parameter !== null);
  if (state === null) return null;
  if (state.script === null) {
    return (
      <>
        <Messages store={store} state={state} navigation={navigation} />
        <Welcome store={store} />
      </>
    );
  }
  const shown = state.snapshot !== null && state.snapshot.event !== null;
  const parameters = shown && (
    <>
      <ParametersView store={store} />
      {page && <ParameterPage store={store} />}
    </>
  );
  const layers = shown && <LayersView store={store} />;
  const curves = shown && (
    <>
      <LearningRateView store={store} />
      <LossView store={store} navigation={navigation} />
      <ChecksView store={store} navigation={navigation} />
    </>
  );
  const rest = (
    <>
      {(shown || state.output.length > 0 || state.progress.length > 0) && (
        <OutputView store={store} navigation={navigation} />
      )}
      {shown && <SessionView store={store} />}
    </>
  );
  return (
    <>
      <Header store={store} state={state} navigation={navigation} />
      <Messages store={store} state={state} navigation={navigation} />
      <main class={`columns ${narrow || !shown ? 'single' : ''}`}>
        {narrow ? (
          <div class="column">
            {parameters}
            {curves}
            {layers}
            {rest}
          </div>
        ) : (
          <>
            {shown && (
              <div class="column">
                {parameters}
                {layers}
              </div>
            )}
            <div class="column side">
              {curves}
              {rest}
            </div>
          </>
        )}
      </main>
    </>
  );
}

/** Builds the panel in the page and connects it to its host. */
export function startPanel(host: HostApi): Store {
  registerControls();
  const store = new Store(host);
  const navigation = new Navigation(store);
  listenToKeys(navigation, () => (store.state?.script ?? null) !== null && store.state?.engineStatus === 'ready');
  const root = document.getElementById('app');
  if (root === null) throw new Error('the page has no element "app"');
  render(<Panel store={store} navigation={navigation} />, root);
  void store.connect();
  return store;
}
