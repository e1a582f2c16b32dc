// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/render.h"

#include "core/session/session.h"
#include "ui/plots/energy_heatmap.h"
#include "ui/plots/error_plot.h"
#include "ui/plots/latency_plot.h"
#include "ui/plots/outlier_plot.h"
#include "ui/plots/pareto_plot.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/shell/theme.h"
#include "ui/state/check_options.h"
#include "ui/state/plan_choices.h"
#include "ui/state/plan_document.h"
#include "ui/state/project_file.h"
#include "ui/text/format.h"

#include <QDir>
#include <QFileInfo>

namespace eigenquant {

namespace {

void makeFolder(const QString& folder)
{
    if (!QDir().mkpath(folder))
        throw Error::io("the folder cannot be made")
            .file(folder.toStdString())
            .hint("choose a folder that you may write to");
}

/// Writes plots under one folder and keeps their names.
class Renderer {
public:
    explicit Renderer(const QString& folder) : m_folder(folder) {}

    void write(PlotView& plot, const QString& stem, QSize size)
    {
        plot.setPalette(lightPalette());
        for (const char* suffix : {".png", ".svg"}) {
            const QString name = stem + QLatin1String(suffix);
            plot.exportTo(m_folder.filePath(name), size);
            m_files << name;
        }
    }
    const QStringList& files() const { return m_files; }

private:
    QDir m_folder;
    QStringList m_files;
};

void renderLayer(Renderer& renderer, const PlanDocument& plan, int layer)
{
    std::vector<SpectrumData> spectra;
    std::vector<SiteStatistics> sites;
    for (const Site site : kAllSites) {
        const int row = plan.rowOf({layer, site});
        const SiteStatistics& statistics = plan.statistics().site({layer, site});
        spectra.push_back(makeSpectrumData(statistics, &plan.summary(row), plan.energyShare(row)));
        sites.push_back(statistics);
    }
    const QString suffix = QStringLiteral("layer%1").arg(layer, 2, 10, QLatin1Char('0'));
    if (!plan.statistics().normsOnly) {
        SpectrumPlot spectrum;
        spectrum.setSpectra(std::move(spectra));
        renderer.write(spectrum, QStringLiteral("spectra_") + suffix, {1400, 960});
    }
    OutlierPlot outliers;
    outliers.setSites(std::move(sites), 5);
    renderer.write(outliers, QStringLiteral("outliers_") + suffix, {1400, 1400});
}

/// Of a project file: its statistics, and the plan as it was edited.
RenderSource loadProjectSource(const QString& path)
{
    const Project project = loadProject(path);
    if (project.statistics.path.isEmpty() || !project.statistics.missing.isEmpty())
        throw Error::invalid("the project has no statistics to draw")
            .file(path.toStdString())
            .found(project.statistics.path.isEmpty() ? "none" : project.statistics.missing.toStdString() + ", missing")
            .hint("open it in the studio, analyse or open statistics, and save it");
    RenderSource source;
    source.project = path;
    source.statistics = loadStatistics(text::toPath(project.statistics.path));
    source.plan = project.plan ? *project.plan : makePlan(*source.statistics, startingOptions(*source.statistics));
    validatePlan(source.plan, *source.statistics);
    predict(source.plan, *source.statistics);
    source.latency = project.results.latency;
    for (const ProjectReference& report : project.reports)
        if (report.missing.isEmpty() && !source.report)
            source.report = loadRunReport(report.path);
    return source;
}

} // namespace

RenderSource loadRenderSource(const QString& path)
{
    RenderSource source;
    if (QFileInfo(path).suffix() == QLatin1String(kProjectSuffix))
        return loadProjectSource(path);
    QString statistics = path;
    QString planFile;
    if (QFileInfo(path).isDir()) {
        const QDir folder(path);
        const QStringList found = folder.entryList({QStringLiteral("*.stats")}, QDir::Files, QDir::Name);
        if (found.size() != 1)
            throw Error::invalid("not a project folder")
                .file(path.toStdString())
                .found(std::to_string(found.size()) + " .stats files")
                .expected("exactly one")
                .hint("name the .stats file itself");
        statistics = folder.filePath(found.front());
        if (folder.exists(QStringLiteral("plan.json")))
            planFile = folder.filePath(QStringLiteral("plan.json"));
        if (folder.exists(QStringLiteral("latency.json")))
            source.latency = loadLatency(folder.filePath(QStringLiteral("latency.json")));
        if (folder.exists(QStringLiteral("comparison")))
            source.report = loadRunReport(folder.filePath(QStringLiteral("comparison")));
    }
    source.statistics = loadStatistics(text::toPath(statistics));
    if (planFile.isEmpty()) {
        source.plan = makePlan(*source.statistics, startingOptions(*source.statistics));
    } else {
        source.plan = loadPlan(text::toPath(planFile));
        predict(source.plan, *source.statistics);
    }
    return source;
}

QStringList renderAll(const RenderSource& source, const QString& folder)
{
    makeFolder(folder);
    Renderer renderer(folder);
    PlanDocument plan;
    plan.reset(source.statistics, source.plan);
    if (!source.statistics->normsOnly) {
        EnergyHeatmap heatmap;
        heatmap.setStatistics(source.statistics, {kAllSites.begin(), kAllSites.end()});
        renderer.write(heatmap, QStringLiteral("heatmap_overview"), {1400, 1000});
    }
    std::vector<SiteSummary> summaries;
    for (int row = 0; row < plan.rowCount(); ++row)
        summaries.push_back(plan.summary(row));
    ErrorPlot errors;
    errors.setSummaries(std::move(summaries));
    renderer.write(errors, QStringLiteral("predicted_error"), {1400, 700});
    if (source.latency) {
        LatencyPlot latency;
        latency.setLatency(*source.latency);
        renderer.write(latency, QStringLiteral("latency"), {1400, 700});
    }
    if (source.report) {
        ParetoPlot pareto;
        pareto.setEntries(runEntries({*source.report}));
        renderer.write(pareto, QStringLiteral("perplexity_bits"), {1400, 900});
    }
    const int layers = int(source.statistics->sites.size() / kAllSites.size());
    for (int layer = 0; layer < layers; ++layer)
        renderLayer(renderer, plan, layer);
    return renderer.files();
}

} // namespace eigenquant
