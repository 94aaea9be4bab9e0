'use strict';

/* What steers the run. Each of it stands in the results afterwards, as a mark. */
const LiveControl = (() => {
  const button = (text, onclick, kind = '') => element('button', {class: `button ${kind}`.trim(), type: 'button', onclick}, text);

  /* A number with a button that sets it, and two that move it by a tenth. */
  const dial = ({id, label, step, send}) => {
    const input = element('input', {class: 'field number', id, type: 'number', min: '0', step, inputmode: 'decimal', required: true});
    const by = (factor) => () => {
      const value = Number(input.value) || 0;
      const moved = step === '1' ? Math.max(0, factor > 1 ? Math.max(value + 1, Math.round(value * factor)) : Math.min(value - 1, Math.round(value * factor))) : value * factor;
      input.value = String(+moved.toPrecision(4));
      input.dataset.touched = 'true';
      form.requestSubmit();
    };
    const form = element('form', {onsubmit: (event) => {
      event.preventDefault();
      if (input.value !== '') send(Number(input.value));
      delete input.dataset.touched;
    }}, element('label', {for: id}, label, input), element('button', {class: 'button main', type: 'submit'}, 'Set'),
    element('button', {class: 'button', type: 'button', 'aria-label': `${label}: 10% less`, onclick: by(0.9)}, '−'),
    element('button', {class: 'button', type: 'button', 'aria-label': `${label}: 10% more`, onclick: by(1.1)}, '+'));
    input.addEventListener('input', () => { input.dataset.touched = 'true'; });
    /* As it is now, unless somebody is about to change it. */
    const follow = (value) => {
      if (!input.dataset.touched && document.activeElement !== input && Format.known(value)) input.value = String(+value.toPrecision(6));
    };
    return {form, follow};
  };

  const confirmStop = (stop) => {
    const dialog = element('dialog', {'aria-labelledby': 'stop-title'}, element('h3', {id: 'stop-title'}, 'Stop the run?'),
      element('p', {}, 'Nothing new is started. What is in flight may finish, then the results are written, with exit code 105.'),
      element('div', {class: 'group'}, button('Go on', () => dialog.close()), button('Stop the run', () => { dialog.close(); stop(); }, 'danger')));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  /* Without the token the run can be seen, but not steered. */
  const ask = (feed, made) => {
    const input = element('input', {class: 'field', id: 'token', type: 'password', autocomplete: 'off', required: true});
    return element('form', {onsubmit: (event) => {
      event.preventDefault();
      feed.useToken(input.value.trim());
      made();
    }}, element('label', {for: 'token'}, 'Token, as throng printed it in the URL', input), element('button', {class: 'button main', type: 'submit'}, 'Use it'));
  };

  /* The controls of a run under a place. follow(): as the run stands now. */
  const draw = (place, run, feed) => {
    const said = element('p', {class: 'said', role: 'status'});
    const send = async (command, done) => {
      said.className = 'said';
      said.textContent = 'Asking …';
      const problem = await feed.ask(command);
      said.classList.toggle('bad', Boolean(problem));
      said.textContent = problem ?? done;
    };
    const users = dial({id: 'users', label: 'Users', step: '1', send: (count) => send({users: count}, `Users set to ${Format.count(count)}.`)});
    const rate = dial({id: 'rate', label: 'Arrivals per second', step: 'any', send: (perSecond) => send({rate: perSecond}, `Rate set to ${perSecond}/s.`)});
    const pause = button('Pause', () => send(run.now?.state === 'paused' ? {resume: true} : {pause: true}, run.now?.state === 'paused' ? 'Resumed.' : 'Paused.'));
    const stop = button('Stop …', () => confirmStop(() => send({stop: true}, 'Stopping.')), 'danger');
    const words = element('input', {class: 'field words', id: 'mark', type: 'text', maxlength: '60', required: true, placeholder: 'deployed 1.4.2'});
    const note = element('form', {onsubmit: (event) => {
      event.preventDefault();
      send({mark: words.value}, 'Noted.');
      words.value = '';
    }}, element('label', {for: 'mark'}, 'Note on the timeline', words), element('button', {class: 'button', type: 'submit'}, 'Add'));
    const fields = element('fieldset', {}, users.form, rate.form, element('div', {class: 'group'}, pause, stop), note);
    const token = ask(feed, () => follow());

    place.classList.add('card', 'steer');
    place.append(fields, token, said);
    const follow = () => {
      const {now, info, end} = run;
      const goes = Boolean(now) && !end && (now.state === 'loading' || now.state === 'paused');
      place.hidden = Boolean(end);
      fields.hidden = !feed.token;
      token.hidden = Boolean(feed.token);
      fields.disabled = !goes;
      users.form.hidden = Boolean(info?.is_search);
      rate.form.hidden = !info?.is_open || info.has_trace || info.is_search;
      pause.hidden = Boolean(info?.is_search);
      pause.textContent = now?.state === 'paused' ? 'Resume' : 'Pause';
      users.form.querySelector('label').firstChild.textContent = info?.is_open ? 'People' : 'Users';
      if (!goes) return;
      const workers = info?.workers ?? 1;
      users.follow((now.arrivals ? now.arrivals.people : now.users_wanted) * workers);
      rate.follow(now.arrivals ? now.arrivals.rate * workers : undefined);
    };
    return {follow};
  };

  return {draw};
})();
