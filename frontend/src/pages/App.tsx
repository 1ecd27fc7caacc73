import { Center, Loader, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { ApiError } from "../api/errors";
import { theme } from "../theme";
import { createServices, ServicesContext } from "./services";
import { ErrorBoundary } from "./ErrorBoundary";
import { LoginPage } from "./LoginPage";
import { NotFoundPage } from "./NotFoundPage";
import { PlainLayout, RequireLogin } from "./layouts";
import { UnsavedGuard } from "./UnsavedGuard";

const ProjectListPage = lazy(() => import("./ProjectListPage"));
const ProjectPage = lazy(() => import("./ProjectPage"));
const AnnotatorPage = lazy(() => import("./annotator/AnnotatorPage"));
const SelfTestPage = lazy(() => import("./SelfTestPage"));

const RETRIES = 2;

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiError && error.isTransient,
      },
    },
  });
}

export function App() {
  const [queryClient] = useState(createQueryClient);
  const [services] = useState(createServices);
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <ServicesContext value={services}>
          <ModalsProvider>
            <Notifications position="bottom-center" />
            <UnsavedGuard />
            <ErrorBoundary>
              <BrowserRouter>
                <Suspense fallback={<PageLoader />}>
                  <Routes>
                    <Route path="/login" element={<LoginPage />} />
                    <Route element={<RequireLogin />}>
                      <Route path="/images/:imageId" element={<AnnotatorPage />} />
                      <Route element={<PlainLayout />}>
                        <Route path="/" element={<ProjectListPage />} />
                        <Route path="/projects/:projectId" element={<ProjectPage />} />
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
