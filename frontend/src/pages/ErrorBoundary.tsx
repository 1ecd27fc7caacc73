import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { ErrorNotice } from "../components/common/ErrorNotice";

interface State {
  readonly error: Error | null;
}

/** The last net: a page that broke says so and offers to load again, instead of going blank. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Container size="sm" pt={120}>
        <ErrorNotice
          title="This page broke"
          error={{ code: "page.broken", message: error.message }}
          onRetry={() => window.location.reload()}
        />
      </Container>
    );
  }
}
