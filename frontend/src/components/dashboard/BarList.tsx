import { Fragment } from "react";

interface Section {
  readonly value: number;
  readonly color: string;
}

export interface Bar {
  readonly key: string;
  readonly name: string;
  /** One beside the other. */
  readonly sections: readonly Section[];
  readonly text: string;
}

/** Names, bars and what they say: for what has no order in time. */
export function BarList({ bars }: { readonly bars: readonly Bar[] }) {
  const sums = bars.map(({ sections }) => sections.reduce((sum, { value }) => sum + value, 0));
  const largest = Math.max(1, ...sums);
  return (
    <div className="bar-list">
      {bars.map(({ key, name, sections, text }) => (
        <Fragment key={key}>
          <span className="bar-list-name" title={name}>
            {name}
          </span>
          <span className="bar-list-track">
            {sections.map(({ value, color }) => (
              <span key={color} style={{ width: `${(100 * value) / largest}%`, background: color }} />
            ))}
          </span>
          <span className="bar-list-value">{text}</span>
        </Fragment>
      ))}
    </div>
  );
}
