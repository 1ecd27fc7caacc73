import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../api/errors";
import { fetchPlace } from "../api/imports";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { PlacePick } from "../components/project/PlacePick";
import { keys } from "./queries";

interface Props {
  readonly projectId: number;
  readonly isBusy: boolean;
  readonly onPick: (path: string) => void;
}

/** The folders that may be imported from, one level at a time. */
export function PlaceBrowser({ projectId, isBusy, onPick }: Props) {
  const [path, setPath] = useState("");
  const place = useQuery({
    queryKey: keys.place(projectId, path),
    queryFn: () => fetchPlace(projectId, path),
  });
  if (place.isError && !place.data) {
    return (
      <ErrorNotice
        title="The folder could not be read"
        error={describeError(place.error)}
        onRetry={() => {
          if (path === "") void place.refetch();
          else setPath("");
        }}
      />
    );
  }
  if (!place.data) return <Loader size="sm" aria-label="Loading the folders" />;
  return <PlacePick place={place.data} isBusy={isBusy} onOpen={setPath} onPick={onPick} />;
}
