// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/effect_panel.h"

#include "ui/shell/jobs_line.h"
#include "ui/text/format.h"
#include "ui/widgets/labelled_fields.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr int kPauseMs = 350; // after the last edit, so that a drag is not measured at every step
constexpr int kTileWidth = 120;

QString beforeAndNow(const QString& now, const QString& before)
{
    return before.isEmpty() || before == now ? now : QStringLiteral("%1 → %2").arg(before, now);
}

} // namespace

EffectPanel::EffectPanel(Workspace& workspace, StudioTasks& tasks, QWidget* parent)
    : Card({}, parent), m_workspace(workspace), m_tasks(tasks)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(kPauseMs);
    buildHeader();
    buildTiles();
    connect(&m_soon, &QTimer::timeout, this, &EffectPanel::measure);
    connect(&workspace, &Workspace::modelChanged, this, &EffectPanel::forget);
    connect(&workspace, &Workspace::statisticsChanged, this, &EffectPanel::forget);
    connect(&workspace, &Workspace::textsChanged, this, &EffectPanel::forget);
    connect(&workspace.plan(), &PlanDocument::rowsChanged, this, &EffectPanel::followPlan);
    connect(&workspace.selection(), &Selection::siteChanged, this, [this] {
        showEffect();
        measureSoon();
    });
    connect(&workspace.jobs(), &JobRunner::jobChanged, this, &EffectPanel::showProgress);
    connect(&tasks, &StudioTasks::effectMeasured, this, &EffectPanel::take);
    connect(&tasks, &StudioTasks::effectFailed, this, [this](const QString& message) {
        m_measuring = false;
        m_failure = message;
        showState();
    });
    showEffect();
}

void EffectPanel::buildHeader()
{
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    m_title = new QLabel;
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_state = makeQuietLabel();
    m_state->setAccessibleName(tr("State of the measurement"));
    m_live = makeCheck(tr("&Follow the plan"), tr("Measure the selected layer anew whenever its settings change"));
    m_measure = new QPushButton(tr("&Measure"));
    m_measure->setToolTip(
        tr("Quantize this layer alone and run a short text through it and the layers behind it"));
    row->addWidget(m_title);
    row->addWidget(m_state, 1);
    row->addWidget(m_live);
    row->addWidget(m_measure);
    body()->addLayout(row);
    connect(m_measure, &QPushButton::clicked, this, &EffectPanel::measure);
    connect(m_live, &QCheckBox::toggled, this, &EffectPanel::measureSoon);
}

void EffectPanel::buildTiles()
{
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    const auto add = [row](const QString& caption, const QString& toolTip) {
        auto* tile = new FactTile(caption);
        tile->setToolTip(toolTip);
        tile->setLeastWidth(kTileWidth);
        row->addWidget(tile, 1);
        return tile;
    };
    m_error = add(tr("Error of its output"), tr("Σ‖Δy‖² / Σ‖y‖² of what the layer adds to the residual stream"));
    m_divergence = add(tr("KL, nats a token"), tr("KL(float ‖ this layer alone quantized) of the logits"));
    m_perplexity = add(tr("Perplexity"), tr("Of the short text, with this layer alone quantized"));
    m_sameTop = add(tr("Same top token"), tr("Share of tokens whose most likely next one stays the same"));
    m_bits = add(tr("Effective bits"), tr("Over the layer's linears, rotations included"));
    body()->addLayout(row);
}

QString EffectPanel::lack() const
{
    if (m_workspace.plan().plan().turnsResidual())
        return tr(
            "A global rotation turns all layers together, so none can be measured alone: plan with the rotation "
            "\"per site\" for this, or quantize the whole and check it.");
    if (!m_workspace.session())
        return tr("Open the model that these statistics are of to measure a layer.");
    if (!m_workspace.statisticsMatchModel())
        return tr("The open statistics are of another model.");
    if (m_workspace.checkText().isEmpty() && m_workspace.calibrationText().isEmpty())
        return tr("Choose a text to measure on: File, Open text.");
    return {};
}

void EffectPanel::forget()
{
    m_known.clear();
    m_failure.clear();
    showEffect();
}

void EffectPanel::followPlan(const std::vector<int>& rows)
{
    bool isShown = false;
    for (const int row : rows) {
        const int changed = m_workspace.plan().summary(row).id.layer;
        if (const auto found = m_known.find(changed); found != m_known.end())
            found->second.isStale = true;
        isShown = isShown || changed == layer();
        m_editedSince = m_editedSince || changed == m_measuredLayer;
    }
    if (!isShown)
        return;
    showState();
    measureSoon();
}

void EffectPanel::measureSoon()
{
    const auto found = m_known.find(layer());
    const bool isKnown = found != m_known.end() && !found->second.isStale;
    if (m_live->isChecked() && lack().isEmpty() && !isKnown)
        m_soon.start();
    else
        m_soon.stop();
}

void EffectPanel::measure()
{
    if (!lack().isEmpty())
        return;
    m_soon.stop();
    m_measuring = true;
    m_failure.clear();
    m_measuredLayer = layer();
    m_editedSince = false;
    showState();
    m_tasks.measureEffect(m_measuredLayer);
}

void EffectPanel::take(const LayerEffect& effect)
{
    m_measuring = false;
    const auto [place, isNew] = m_known.try_emplace(effect.layer, Known{effect, {}, m_editedSince});
    if (!isNew)
        place->second = {effect, place->second.now, m_editedSince};
    showEffect();
}

void EffectPanel::showEffect()
{
    m_title->setText(tr("Effect of layer %1 alone").arg(layer()));
    const auto found = m_known.find(layer());
    const LayerEffect* now = found == m_known.end() ? nullptr : &found->second.now;
    const LayerEffect* before = now && found->second.before ? &*found->second.before : nullptr;
    const auto show = [&](FactTile* tile, auto format) {
        tile->setValue(now ? beforeAndNow(format(*now), before ? format(*before) : QString())
                           : QStringLiteral("–"));
    };
    show(m_error, [](const LayerEffect& effect) { return text::number(effect.outputError); });
    show(m_divergence, [](const LayerEffect& effect) { return text::number(effect.kl); });
    show(m_perplexity, [](const LayerEffect& effect) { return text::fixed(effect.perplexity.perplexity, 3); });
    show(m_sameTop, [](const LayerEffect& effect) { return text::percent(effect.sameTop); });
    show(m_bits, [](const LayerEffect& effect) { return text::fixed(effect.effectiveBits, 3); });
    showState();
}

void EffectPanel::showState()
{
    const QString missing = lack();
    m_measure->setEnabled(missing.isEmpty() && !m_measuring);
    m_live->setEnabled(missing.isEmpty());
    const auto found = m_known.find(layer());
    if (!missing.isEmpty())
        m_state->setText(missing);
    else if (m_measuring)
        m_state->setText(tr("measuring…"));
    else if (!m_failure.isEmpty())
        m_state->setText(m_failure);
    else if (found == m_known.end())
        m_state->setText(tr("Not measured yet"));
    else if (found->second.isStale)
        m_state->setText(tr("Its settings have changed since"));
    else
        m_state->setText(tr("Float perplexity %1, over %2 tokens; took %3")
                             .arg(text::fixed(found->second.now.floatPerplexity, 3),
                                  text::grouped(found->second.now.perplexity.tokensScored),
                                  text::duration(found->second.now.seconds)));
}

void EffectPanel::showProgress(const JobStatus& status)
{
    if (status.tag != QLatin1String("effect"))
        return;
    if (status.state == JobState::Running && m_measuring)
        m_state->setText(describeProgress(status));
}

} // namespace eigenquant
