import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  // The page stays: whoever reads works on something.
  a: ({ node, ...link }) => <a {...link} target="_blank" rel="noreferrer" />,
};

/** Markdown as GitHub writes it. HTML in it is left out, and so are addresses that would run something. */
export default function MarkdownText({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} skipHtml>
      {text}
    </ReactMarkdown>
  );
}
