"""Return codes, and from where on a conversation is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("hidden_upto", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("returned_at", sa.Float(), nullable=True))
    op.create_table(
        "return_codes",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_return_codes_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_return_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_return_codes_code_hash")),
    )


def downgrade() -> None:
    op.drop_table("return_codes")
    op.drop_column("conversations", "returned_at")
    op.drop_column("conversations", "hidden_upto")
