// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/layer_effect.h"
#include "ui/state/studio_tasks.h"
#include "ui/widgets/card.h"

#include <QTimer>

#include <map>
#include <optional>

class QCheckBox;
class QLabel;
class QPushButton;

namespace eigenquant {

/// What the selected layer alone, quantized as planned, does to the model on a short text; and what it did with
/// the settings before. Follows the plan while it is ticked to.
class EffectPanel : public Card {
    Q_OBJECT

public:
    EffectPanel(Workspace& workspace, StudioTasks& tasks, QWidget* parent = nullptr);

private:
    void buildHeader();
    void buildTiles();
    QString lack() const;
    void forget();
    void followPlan(const std::vector<int>& rows);
    void measureSoon();
    void measure();
    void take(const LayerEffect& effect);
    void showState();
    void showEffect();
    void showProgress(const JobStatus& status);
    int layer() const { return m_workspace.selection().layer(); }

    /// What was measured of a layer last, and with the settings before that.
    struct Known {
        LayerEffect now;
        std::optional<LayerEffect> before;
        bool isStale = false; ///< its settings have changed since
    };

    Workspace& m_workspace;
    StudioTasks& m_tasks;
    QTimer m_soon;
    std::map<int, Known> m_known; ///< by layer
    bool m_measuring = false;
    int m_measuredLayer = -1;
    bool m_editedSince = false; ///< that layer's settings, after its measurement was asked for
    QString m_failure;
    QLabel* m_title = nullptr;
    QLabel* m_state = nullptr;
    QCheckBox* m_live = nullptr;
    QPushButton* m_measure = nullptr;
    FactTile* m_error = nullptr;
    FactTile* m_divergence = nullptr;
    FactTile* m_perplexity = nullptr;
    FactTile* m_sameTop = nullptr;
    FactTile* m_bits = nullptr;
};

} // namespace eigenquant
