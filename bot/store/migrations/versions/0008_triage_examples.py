"""Examples for triage that a reviewer kept, from chats in which staff corrected it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triage_examples",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("cues", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.String(length=8), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("kept_by", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_triage_examples_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_triage_examples_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["kept_by"], ["staff.id"], name=op.f("fk_triage_examples_kept_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_examples")),
        sa.UniqueConstraint("conversation_id", "seq", name=op.f("uq_triage_examples_conversation_id")),
    )
    op.create_index(op.f("ix_triage_examples_conversation_id"), "triage_examples", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_triage_examples_handoff_id"), "triage_examples", ["handoff_id"], unique=False)


def downgrade() -> None:
    op.drop_table("triage_examples")
