"""Offers of a chat to a colleague, chats set aside, alarms, emergency records, whispers, rests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("set_aside_at", sa.Float(), nullable=True))
    op.add_column("handoffs", sa.Column("overload_told_at", sa.Float(), nullable=True))
    op.add_column("notes", sa.Column("whisper", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("presence", sa.Column("rest_until", sa.Float(), nullable=True))

    op.create_table(
        "offers",
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_offers_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["from_id"], ["staff.id"], name=op.f("fk_offers_from_id_staff")),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("fk_offers_to_id_staff")),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_offers")),
    )

    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("handoff_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("heard_by", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alarms_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_alarms_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["heard_by"], ["staff.id"], name=op.f("fk_alarms_heard_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(op.f("ix_alarms_handoff_id"), "alarms", ["handoff_id"], unique=False)

    op.create_table(
        "emergency_records",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_emergency_records_handoff_id_handoffs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_emergency_records_opened_by_staff")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_emergency_records_confirmed_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_records")),
        sa.UniqueConstraint("handoff_id", name=op.f("uq_emergency_records_handoff_id")),
    )


def downgrade() -> None:
    for table in ("emergency_records", "alarms", "offers"):
        op.drop_table(table)
    op.drop_column("presence", "rest_until")
    op.drop_column("notes", "whisper")
    op.drop_column("handoffs", "overload_told_at")
    op.drop_column("handoffs", "set_aside_at")
