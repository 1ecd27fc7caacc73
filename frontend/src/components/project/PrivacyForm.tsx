import { Alert, Button, Checkbox, Group, List, Radio, Stack } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { Privacy } from "../../api/types";
import { counted } from "../common/formats";

interface Props {
  readonly privacy: Privacy;
  /** Of the project now: they stay as they are. */
  readonly imageCount: number;
  readonly isSaving: boolean;
  readonly onSave: (wanted: Privacy) => void;
}

/** What is blurred in images that come from now on, and what becomes of the files as they came. */
export function PrivacyForm({ privacy, imageCount, isSaving, onSave }: Props) {
  const [faces, setFaces] = useState(privacy.faces);
  const [plates, setPlates] = useState(privacy.plates);
  const [originals, setOriginals] = useState(privacy.originals);
  const isOn = faces || plates;
  const isSame = faces === privacy.faces && plates === privacy.plates && originals === privacy.originals;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave({ faces, plates, originals });
      }}
    >
      <Stack>
        <Checkbox.Group
          label="Blurred before anybody sees an image"
          value={[...(faces ? ["faces"] : []), ...(plates ? ["plates"] : [])]}
          onChange={(chosen) => {
            setFaces(chosen.includes("faces"));
            setPlates(chosen.includes("plates"));
          }}
        >
          <Stack gap={6} mt={6}>
            <Checkbox value="faces" label="Faces" data-testid="privacy-faces" />
            <Checkbox value="plates" label="Licence plates" data-testid="privacy-plates" />
          </Stack>
        </Checkbox.Group>
        <Radio.Group
          label="The files as they came"
          value={originals}
          onChange={(value) => setOriginals(value)}
        >
          <Stack gap={6} mt={6}>
            <Radio
              value="keep"
              disabled={!isOn}
              label="Kept apart: owners and managers may fetch them, and the log says who did"
            />
            <Radio
              value="destroy"
              disabled={!isOn}
              label="Never stored: what was blurred cannot be brought back"
              data-testid="privacy-destroy"
            />
          </Stack>
        </Radio.Group>
        <Alert color="gray" icon={<IconInfoCircle size={18} />} data-testid="privacy-scope">
          <List size="sm" spacing={4}>
            <List.Item>
              {imageCount === 0
                ? "This holds for every image that is added from now on."
                : `This holds for images that are added from now on. What is here (${counted(imageCount, "image")}) stays as it is; delete an image and add it again to have it blurred.`}
            </List.Item>
            <List.Item>Place, time and camera are taken out of the files as well.</List.Item>
            <List.Item>An upload takes some seconds longer for each image.</List.Item>
            <List.Item>
              Faces that are small, turned or half hidden may be missed: look the images over.
            </List.Item>
          </List>
        </Alert>
        <Group justify="flex-end">
          <Button type="submit" loading={isSaving} disabled={isSame} data-testid="privacy-save">
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
