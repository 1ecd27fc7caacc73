import { Button } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";

/** Something that can be asked of a job; null where its state or one's role does not allow it. */
export interface JobAction {
  readonly isBusy: boolean;
  readonly run: () => void;
}

interface Props {
  readonly cancel: JobAction | null;
  readonly retry: JobAction | null;
  /** What is said to do it once more. */
  readonly retryText?: string;
  /** What the job is called, where several stand together: readers of the screen are told which. */
  readonly title?: string;
  /** Begins the buttons' test ids. */
  readonly testId: string;
}

/** Cancelling a job and doing it once more, wherever it is shown. */
export function JobButtons({ cancel, retry, retryText = "Try again", title, testId }: Props) {
  return (
    <>
      {cancel && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          loading={cancel.isBusy}
          onClick={cancel.run}
          aria-label={title && `Cancel ${title}`}
          data-testid={`${testId}-cancel`}
        >
          Cancel
        </Button>
      )}
      {retry && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={retry.isBusy}
          onClick={retry.run}
          aria-label={title && `Try ${title} again`}
          data-testid={`${testId}-retry`}
        >
          {retryText}
        </Button>
      )}
    </>
  );
}
