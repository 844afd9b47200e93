// What pipelines of Azure DevOps use.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines } from '../testing/folder.ts';
import { azurePipelinesCataloger } from './index.ts';

const pipeline = `resources:
  repositories:
    - repository: templates
      type: github
      name: acme/templates
      ref: refs/tags/v1.2.0
    - repository: default
      type: git
      name: project/repo
  containers:
    - container: linux
      image: ubuntu:22.04
jobs:
  - job: a
    container: linux
    steps:
      - task: NodeTool@0
      - task: UsePythonVersion@0.1.2
      - template: x.yml@templates
  - job: b
    container: mcr.microsoft.com/dotnet/sdk:8.0
`;

it('tasks, repositories and containers', () => {
  const result = catalogOf(azurePipelinesCataloger, { 'azure-pipelines.yml': pipeline, 'other.yml': pipeline });
  expect(lines(result)).toEqual([
    'acme/templates@v1.2.0 development direct vcs',
    'azure-pipelines-task/NodeTool@0 development direct',
    'azure-pipelines-task/UsePythonVersion@0.1.2 development direct',
    'dotnet/sdk@8.0 development direct image',
    'ubuntu@22.04 development direct image',
  ]);
  expect(result.diagnostics.map(({ code }) => code).sort()).toEqual(['package/image-named', 'package/version-open']);
});

declaredContract(azurePipelinesCataloger, { 'azure-pipelines.yml': pipeline, '.azuredevops/build.yaml': pipeline });
