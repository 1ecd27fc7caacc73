/**
 * A report's page inside ours. It is a document of its own that may do nothing: no scripts, no requests, no forms, no
 * origin. Its text goes in as `srcdoc`, so that the page's policy need not let frames in from anywhere.
 */
export function ReportFrame({ html, title }: { readonly html: string; readonly title: string }) {
  return (
    <iframe className="report-frame" sandbox="" srcDoc={html} title={title} data-testid="report-frame" />
  );
}
