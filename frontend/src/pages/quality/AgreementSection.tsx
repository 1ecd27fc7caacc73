import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError } from "../../api/errors";
import { fetchAgreement } from "../../api/quality";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { AgreementPanel } from "../../components/quality/AgreementPanel";
import { keys } from "../queries";

/** How a project's people agree, fetched: for reviewers and who manages it. */
export function AgreementSection({ projectId }: { readonly projectId: number }) {
  const people = useQuery({
    queryKey: keys.agreement(projectId),
    queryFn: () => fetchAgreement(projectId),
  });
  if (people.isError && !people.data) {
    return (
      <ErrorNotice
        title="The agreement could not be loaded"
        error={describeError(people.error)}
        onRetry={() => void people.refetch()}
      />
    );
  }
  if (!people.data) return <Skeleton height={160} radius="md" />;
  return <AgreementPanel people={people.data} />;
}
