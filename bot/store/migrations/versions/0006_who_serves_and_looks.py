"""Languages that staff serve, which chat is open on whose desk, and whether its alarms are heard there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("languages", sa.String(length=200), server_default="en", nullable=False))
    op.add_column("presence", sa.Column("hears", sa.Boolean(), nullable=True))
    op.create_table(
        "viewers",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_viewers_staff_id_staff"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_viewers_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_viewers")),
    )
    op.create_index(op.f("ix_viewers_handoff_id"), "viewers", ["handoff_id"], unique=False)


def downgrade() -> None:
    op.drop_table("viewers")
    op.drop_column("presence", "hears")
    op.drop_column("staff", "languages")
