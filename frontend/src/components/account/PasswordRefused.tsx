import { Alert, Code, List } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, describeError } from "../../api/errors";
import { ErrorNotice } from "../common/ErrorNotice";

const PASSWORD_WEAK = "auth.password_weak";

/** Why a password was not changed; a weak one with everything that is wrong with it. */
export function PasswordRefused({ error }: { readonly error: unknown }) {
  const sentences = sentencesOf(error);
  if (sentences.length < 2) return <ErrorNotice title="Not changed" error={describeError(error)} />;
  return (
    <Alert
      color="orange"
      icon={<IconAlertTriangle size={18} />}
      title="Not changed"
      data-testid="error-notice"
    >
      <List size="sm">
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
      <Code>{PASSWORD_WEAK}</Code>
    </Alert>
  );
}

function sentencesOf(error: unknown): readonly string[] {
  if (!(error instanceof ApiError) || error.code !== PASSWORD_WEAK) return [];
  const { sentences } = error.extra;
  return Array.isArray(sentences)
    ? sentences.filter((sentence): sentence is string => typeof sentence === "string")
    : [];
}
