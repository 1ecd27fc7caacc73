import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import "./markdown.css";

// Read once somebody opens a text: most visits do without.
const MarkdownText = lazy(() => import("./MarkdownText"));

/** A text that people wrote in Markdown. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="markdown" data-testid="markdown">
      <Suspense fallback={<Skeleton height={80} />}>
        <MarkdownText text={text} />
      </Suspense>
    </div>
  );
}
