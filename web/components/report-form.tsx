// The report form: two taps, no script, no account. What enters is a signed token and the choices of the sector; what
// leaves is an ordinary POST.
import type { ReportFormView, ReportNotice } from '../views.ts';

const NOTICE: Readonly<Record<ReportNotice, { title: string; text: string; good: boolean }>> = {
  counted: {
    title: 'Counted. Thank you.',
    text: 'Your report is stored and is part of the next minute’s count.',
    good: true,
  },
  works: {
    title: 'Noted: it works for you. Thank you.',
    text: 'Such answers are kept apart from trouble.',
    good: true,
  },
  repeat: {
    title: 'Already counted.',
    text: 'One person counts once for a service in a while, so that the numbers mean people. Your earlier report stands.',
    good: true,
  },
  expired: {
    title: 'Not counted: this form was too old.',
    text: 'The page is fresh now. Please choose once more.',
    good: false,
  },
  refused: {
    title: 'Not counted: something in the form could not be read.',
    text: 'Please choose once more.',
    good: false,
  },
  flood: {
    title: 'Not counted: too many reports came from your network.',
    text: 'Please try again in some minutes.',
    good: false,
  },
  busy: {
    title: 'Not counted: reports cannot be stored safely just now.',
    text: 'Please try again in a minute.',
    good: false,
  },
};

export function ReportForm({ form, name }: { form: ReportFormView; name: string }) {
  const notice = form.notice === null ? null : NOTICE[form.notice];
  return (
    <section class="report panel" id="report" aria-labelledby="report-h" data-keep>
      {notice && (
        <div class={notice.good ? 'notice good' : 'notice'} role="status">
          <p>
            <b>{notice.title}</b> {notice.text}
          </p>
        </div>
      )}
      <h2 id="report-h">What goes wrong for you?</h2>
      {form.open ? (
        <form method="post" action={form.action} accept-charset="utf-8">
          <p class="note">Two taps. No account; your address is not stored.</p>
          <input type="hidden" name="token" value={form.token} />
          <details>
            <summary>Add your country or a few words</summary>
            <p class="extra">
              <label class="lab" for="country">
                Where are you?
              </label>
              <select id="country" name="country">
                <option value="">Not said</option>
                {form.countries.map((country) => (
                  <option key={country.code} value={country.code}>
                    {country.name}
                  </option>
                ))}
              </select>
            </p>
            <p class="extra">
              <label class="lab" for="text">
                What do you see? <span class="quiet">(500 characters; no names or numbers of people)</span>
              </label>
              <span class="field">
                <textarea id="text" name="text" maxLength={500} rows={3} dir="auto" />
              </span>
            </p>
          </details>
          <fieldset class="kinds">
            <legend class="sr">Kind of problem with {name}</legend>
            {form.problems.map((problem) => (
              <button class="btn" type="submit" name="problem" value={problem.id} key={problem.id}>
                {problem.label}
              </button>
            ))}
            <button class="btn" type="submit" name="works" value="true">
              It works for me
            </button>
          </fieldset>
        </form>
      ) : (
        <p class="quiet">This observatory shows a recording and takes no reports.</p>
      )}
    </section>
  );
}
