import { Center, Loader, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { ApiError, isLoggedOut } from "../api/errors";
import { TooltipLayer } from "../components/common/TooltipLayer";
import { theme } from "../theme";
import { createServices, ServicesContext } from "./services";
import { ErrorBoundary } from "./ErrorBoundary";
import { LoginPage } from "./LoginPage";
import { NotFoundPage } from "./NotFoundPage";
import { PlainLayout, RequireLogin } from "./layouts";
import { UnsavedGuard } from "./UnsavedGuard";

const ProjectListPage = lazy(() => import("./ProjectListPage"));
const ProjectPage = lazy(() => import("./ProjectPage"));
const QualityPage = lazy(() => import("./quality/QualityPage"));
const ModelsPage = lazy(() => import("./models/ModelsPage"));
const EvaluationsPage = lazy(() => import("./evaluations/EvaluationsPage"));
const AnnotatorPage = lazy(() => import("./annotator/AnnotatorPage"));
const ProposalsPage = lazy(() => import("./proposals/ProposalsPage"));
const JobsPage = lazy(() => import("./JobsPage"));
const ProjectDashboardPage = lazy(() => import("./dashboard/ProjectDashboardPage"));
const AllDashboardPage = lazy(() => import("./dashboard/AllDashboardPage"));
const AccountPage = lazy(() => import("./AccountPage"));
const ForgotPage = lazy(() => import("./ForgotPage"));
const ResetPage = lazy(() => import("./ResetPage"));
const InvitationPage = lazy(() => import("./InvitationPage"));
const SelfTestPage = lazy(() => import("./SelfTestPage"));

const RETRIES = 2;

function createQueryClient(onLoggedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isLoggedOut(error)) onLoggedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A server on this machine or network is reached without the internet; and what fails is said, not waited for.
        networkMode: "always",
        refetchOnReconnect: true,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiError && error.isTransient,
      },
      mutations: { networkMode: "always" },
    },
  });
}

export function App() {
  const [services] = useState(createServices);
  const [queryClient] = useState(() => createQueryClient(() => services.session.ended()));
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <ServicesContext value={services}>
          <ModalsProvider>
            <Notifications position="bottom-center" />
            <TooltipLayer />
            <UnsavedGuard />
            <ErrorBoundary>
              <BrowserRouter>
                <Suspense fallback={<PageLoader />}>
                  <Routes>
                    <Route path="/login" element={<LoginPage />} />
                    <Route path="/forgot" element={<ForgotPage />} />
                    <Route path="/reset/:uid/:token" element={<ResetPage />} />
                    <Route element={<RequireLogin />}>
                      <Route path="/images/:imageId" element={<AnnotatorPage />} />
                      <Route element={<PlainLayout />}>
                        <Route path="/" element={<ProjectListPage />} />
                        <Route path="/projects/:projectId" element={<ProjectPage />} />
                        <Route path="/projects/:projectId/jobs" element={<JobsPage />} />
                        <Route path="/jobs" element={<JobsPage />} />
                        <Route path="/projects/:projectId/dashboard" element={<ProjectDashboardPage />} />
                        <Route path="/dashboard" element={<AllDashboardPage />} />
                        <Route path="/projects/:projectId/quality" element={<QualityPage />} />
                        <Route path="/projects/:projectId/models" element={<ModelsPage />} />
                        <Route path="/projects/:projectId/proposals" element={<ProposalsPage />} />
                        <Route path="/projects/:projectId/evaluations" element={<EvaluationsPage />} />
                        <Route path="/account" element={<AccountPage />} />
                        <Route path="/invitations/:secret" element={<InvitationPage />} />
                        <Route path="/self-test" element={<SelfTestPage />} />
                        <Route path="*" element={<NotFoundPage />} />
                      </Route>
                    </Route>
                  </Routes>
                </Suspense>
              </BrowserRouter>
            </ErrorBoundary>
          </ModalsProvider>
        </ServicesContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function PageLoader() {
  return (
    <Center h="60vh">
      <Loader aria-label="Loading the page" />
    </Center>
  );
}
