import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import type { ProjectWrite } from "../../api/types";
import { ErrorNotice } from "../common/ErrorNotice";

interface Props {
  readonly isBusy: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly onSubmit: (project: ProjectWrite) => void;
  readonly onCancel: () => void;
}

export function CreateProjectForm({ isBusy, error, onSubmit, onCancel }: Props) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [licence, setLicence] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSubmit({ name: name.trim(), description: description.trim(), licence_note: licence.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {error && <ErrorNotice title="The project was not created" error={error} />}
        <TextInput
          label="Name"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="project-name"
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <TextInput
          label="Licence of the photographs"
          description="Shown beside every image, for example “CC BY 4.0, Museum of …”."
          value={licence}
          onChange={(event) => setLicence(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={name.trim() === ""} data-testid="project-create">
            Create project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
